"use strict";
// What a shop does with the interface, by hand: send exports, watch the run, review its bundles.
// Texts of a shop are only ever put in as text, never as markup.

const BY_FORM = 30 * 1024 * 1024; // larger files go to a signed address
const at = (id) => document.getElementById(id);
let token = "";
let watched = ""; // the upload whose run is shown
let next = null; // the cursor of the next page of bundles

function element(tag, parent, text = "", name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  parent.append(made);
  return made;
}

async function ask(method, path, body) {
  const headers = { Authorization: "Bearer " + token };
  const form = body instanceof FormData;
  if (body && !form) headers["Content-Type"] = "application/json";
  const sent = body && !form ? JSON.stringify(body) : body;
  const answer = await fetch(path, { method, headers, body: sent });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({ message: "The service does not answer" }));
  throw new Error(told.message);
}

const read = async (path) => (await ask("GET", path)).json();

// Whatever fails is told in the header, in the words of the interface.
function tried(work) {
  return async (...given) => {
    at("trouble").textContent = "";
    try {
      await work(...given);
    } catch (error) {
      at("trouble").textContent = error.message;
    }
  };
}


function choose(list) {
  at("chosen").replaceChildren();
  for (const file of list) {
    const item = element("li", at("chosen"), `${file.name} (${Math.ceil(file.size / 1024)} kB) `);
    const kind = element("select", item);
    kind.setAttribute("aria-label", `What ${file.name} is`);
    for (const name of ["its header tells", "orders", "products", "inventory"]) element("option", kind, name);
    item.file = file;
  }
  at("send").disabled = list.length === 0;
}

async function send() {
  const items = [...at("chosen").children];
  at("send").disabled = true;
  try {
    const large = items.some((item) => item.file.size > BY_FORM);
    watch(large ? await sendSigned(items) : await sendForms(items));
    choose([]);
  } finally {
    at("send").disabled = at("chosen").children.length === 0;
  }
}

async function sendForms(items) {
  const run = crypto.randomUUID();
  let upload = "";
  for (const item of items) {
    const form = new FormData();
    form.append("runId", run);
    const kind = item.querySelector("select");
    if (kind.selectedIndex > 0) form.append("csvType", kind.value);
    form.append("file", item.file);
    upload = (await (await ask("POST", "/api/upload-csv", form)).json()).uploadId;
  }
  await ask("POST", "/api/generate-bundles", { csvUploadId: upload });
  return upload;
}

async function sendSigned(items) {
  const files = items.map((item) => {
    const kind = item.querySelector("select");
    if (kind.selectedIndex === 0) throw new Error(`Say what ${item.file.name} is: it is too large to look into`);
    return { csvType: kind.value, size: item.file.size };
  });
  const session = await (await ask("POST", "/api/uploads", { files })).json();
  for (const [nth, slot] of session.files.entries()) {
    const { url, method, headers } = slot.upload;
    const answer = await fetch(url, { method, headers, body: items[nth].file });
    if (!answer.ok) throw new Error(`${items[nth].file.name} could not be sent`);
  }
  return session.uploadId;
}

async function showRuns() {
  const { uploads } = await read("/api/csv-uploads?limit=10");
  const body = at("runs").tBodies[0];
  body.replaceChildren();
  for (const one of uploads) {
    const row = element("tr", body);
    row.tabIndex = 0;
    const kinds = one.files.filter((file) => file.landed_at).map((file) => file.csvType);
    const cells = [new Date(one.created_at).toLocaleString(), kinds.join(", "), one.total_rows, one.processed_rows];
    for (const text of [...cells, one.error_message || one.status]) element("td", row, String(text));
    row.onclick = () => watch(one.id);
    row.onkeydown = (key) => {
      if (key.key === "Enter") watch(one.id); // to return false would keep Tab in the row
    };
  }
  return uploads;
}


const watch = tried(async (upload) => {
  watched = upload;
  at("run").hidden = false;
  at("review").hidden = true;
  await showRuns();
  for (;;) {
    const told = await read(`/api/generation-progress/${upload}`);
    if (watched !== upload) return;
    showProgress(told);
    if (told.metadata.published || told.status === "completed") await showBundles(true);
    if (told.poll_after_ms === null) break;
    await new Promise((go) => setTimeout(go, Math.min(told.poll_after_ms, 1000)));
  }
  await showRuns();
});

function showProgress(told) {
  const left = told.metadata.time_remaining;
  at("bar").value = told.progress;
  at("percent").textContent = `${told.progress} %`;
  at("message").textContent = told.message + (left ? `, about ${left} s left` : "");
  at("cancel").hidden = told.poll_after_ms === null;
  at("phases").replaceChildren();
  for (const phase of told.phases) element("li", at("phases"), phase.name, phase.state);
}


function query(more) {
  const asked = new URLSearchParams({ uploadId: watched, limit: "24", ...more });
  for (const [name, value] of new FormData(at("filters"))) if (value) asked.set(name, value);
  return asked;
}

async function showBundles(anew) {
  const page = await read(`/api/bundle-recommendations?${query(anew ? {} : { cursor: next })}`);
  if (anew) at("bundles").replaceChildren();
  for (const one of page.recommendations) showBundle(one, element("article", at("bundles")));
  for (const name of ["objective", "bundle_type"]) offer(name, page.recommendations);
  next = page.next_cursor;
  at("count").textContent = `${at("bundles").children.length} of ${page.total}`;
  at("more").hidden = next === null;
  at("review").hidden = false;
}

function offer(name, rows) {
  const select = at("filters").elements[name];
  const there = new Set([...select.options].map((option) => option.value));
  for (const value of new Set(rows.map((row) => row[name]))) {
    if (there.has(value)) continue;
    const option = element("option", select, value.replaceAll("_", " "));
    option.value = value;
  }
}

function showBundle(one, box) {
  const { pricing, ai_copy: words } = one;
  const money = (text) => `${text} ${pricing.currency ?? ""}`.trimEnd();
  box.replaceChildren();
  box.className = one.status;
  element("h4", box, words.title);
  element("p", box, `${one.bundle_type} · ${one.objective.replaceAll("_", " ")} · ${one.status}`, "soft");
  const list = element("ul", box);
  for (const product of one.products) element("li", list, `${product.quantity} × ${product.name}, ${money(product.unit_price)}`);
  const price = element("p", box, money(pricing.bundle_price), "price");
  if (pricing.list_price !== pricing.bundle_price) element("s", price, money(pricing.list_price));
  element("p", box, one.explanation, "why");
  const row = element("div", box, "", "row");
  judge(one, box, row, "Approve", () => ({ approved: true }));
  judge(one, box, row, "Reject", () => {
    const reason = prompt("Why not? (may stay empty)");
    return reason === null ? null : { approved: false, ...(reason && { reason }) };
  });
}

function judge(one, box, row, text, verdict) {
  const button = element("button", row, text);
  button.onclick = tried(async () => {
    const said = verdict();
    if (said === null) return;
    const answer = await ask("PATCH", `/api/bundle-recommendations/${encodeURIComponent(one.id)}/approve`, said);
    const place = [...row.children].indexOf(button);
    showBundle(await answer.json(), box);
    box.querySelector(".row").children[place].focus(); // who reviews by keyboard goes on from here
  });
}

async function save(format) {
  const answer = await ask("GET", `/api/export/recommendations?format=${format}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `recommendations.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}


const open = tried(async (given) => {
  token = given;
  const uploads = await showRuns();
  const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  at("shop").textContent = new URL(claims.dest).hostname;
  sessionStorage.setItem("token", token);
  at("sign-in").hidden = true;
  at("sending").hidden = false;
  if (uploads.length > 0) await watch(uploads[0].id);
});

at("sign-in").querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  open(at("token").value.trim());
};
at("files").onchange = () => choose(at("files").files);
at("drop").ondragover = (event) => {
  event.preventDefault();
  at("drop").classList.add("over");
};
at("drop").ondragleave = () => at("drop").classList.remove("over");
at("drop").ondrop = (event) => {
  event.preventDefault();
  at("drop").classList.remove("over");
  choose(event.dataTransfer.files);
};
at("send").onclick = tried(send);
at("cancel").onclick = tried(() => ask("POST", `/api/generate-bundles/${watched}/cancel`));
at("filters").onchange = tried(() => showBundles(true));
at("more").onclick = tried(() => showBundles(false));
at("csv").onclick = tried(() => save("csv"));
at("json").onclick = tried(() => save("json"));

at("sign-in").hidden = false;
const given = new URLSearchParams(location.hash.slice(1)).get("token") || sessionStorage.getItem("token");
history.replaceState(null, "", location.pathname); // the token stays in no history
if (given) open(given);
