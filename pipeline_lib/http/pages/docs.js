"use strict";
const list = document.getElementById("list");

function element(tag, text, parent) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

async function ask(method, path, body, shown) {
  const headers = { Authorization: "Bearer " + document.getElementById("token").value };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body || undefined });
  shown.textContent = answer.status + "\n" + (await answer.text());
}

function row(method, path, operation) {
  const box = element("details", "", list);
  const title = element("summary", "", box);
  element("b", method.toUpperCase(), title);
  element("code", path, title);
  title.append(" " + operation.summary);
  const address = element("input", "", box);
  address.value = path;
  const body = operation.requestBody ? element("textarea", "", box) : null;
  const go = element("button", "Send", box);
  const shown = element("pre", JSON.stringify(operation, null, 1), box);
  go.onclick = () => ask(method.toUpperCase(), address.value, body && body.value, shown);
}

fetch("openapi.json").then((answer) => answer.json()).then((told) => {
  for (const [path, operations] of Object.entries(told.paths))
    for (const [method, operation] of Object.entries(operations)) row(method, path, operation);
});
