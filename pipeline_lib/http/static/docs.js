"use strict";
const list = document.getElementById("list");
let schemas = {};

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

// The example of a JSON body, as its schema has it.
function example(operation) {
  const body = operation.requestBody?.content?.["application/json"]?.schema?.$ref;
  const found = body && schemas[body.split("/").pop()]?.examples?.[0];
  return found ? JSON.stringify(found, null, 1) : "";
}

function row(method, path, operation, parent) {
  const box = element("details", "", parent);
  const title = element("summary", "", box);
  element("b", method.toUpperCase(), title);
  element("code", path, title);
  title.append(" " + operation.summary);
  if (operation.description) element("p", operation.description, box);
  const address = element("input", "", box);
  address.value = path;
  address.setAttribute("aria-label", "Path");
  const body = operation.requestBody ? element("textarea", example(operation), box) : null;
  body?.setAttribute("aria-label", "Body");
  const go = element("button", "Send", box);
  const shown = element("pre", JSON.stringify(operation, null, 1), box);
  go.onclick = () => ask(method.toUpperCase(), address.value, body && body.value, shown);
}

function section(tag) {
  const made = document.getElementById(tag) || element("section", "", list);
  if (!made.id) {
    made.id = tag;
    element("h2", tag, made);
  }
  return made;
}

fetch("openapi.json").then((answer) => answer.json()).then((told) => {
  schemas = told.components.schemas;
  for (const [path, operations] of Object.entries(told.paths))
    for (const [method, operation] of Object.entries(operations))
      row(method, path, operation, section(operation.tags[0]));
});
