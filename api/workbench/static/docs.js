// The OpenAPI document as a page.
"use strict";

function made(name, text, className) {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  if (className) element.className = className;
  return element;
}

// Words between backticks are code.
function prose(name, text, className) {
  const element = made(name, "", className);
  text.split("`").forEach((part, place) => element.append(place % 2 ? made("code", part) : part));
  return element;
}

function shape(schema) {
  const block = made("pre", JSON.stringify(schema, null, 2));
  const details = made("details");
  details.append(made("summary", schema.title || "schema"), block);
  return details;
}

function route(path, method, operation) {
  const card = made("section", "", "card");
  const title = made("h2");
  title.append(made("span", method.toUpperCase(), "tag"), " ", made("code", path));
  card.append(title, prose("p", operation.summary || ""));
  if (operation.description) card.append(prose("p", operation.description, "muted"));
  const list = made("dl", "", "fields");
  for (const field of operation.parameters || []) {
    list.append(made("dt", field.name), prose("dd", field.description || field.in));
  }
  card.append(list);
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  if (body) card.append(made("h3", "Body"), shape(body));
  const answer = operation.responses?.["200"]?.content?.["application/json"]?.schema;
  if (answer) card.append(made("h3", "Answer"), shape(answer));
  return card;
}

function problems(known) {
  const card = made("section", "", "card");
  const list = made("dl", "", "fields");
  for (const [code, { status, title }] of Object.entries(known)) {
    const name = made("dt", code);
    name.id = `problem-${code}`;
    list.append(name, made("dd", `${status} ${title || ""}`));
  }
  card.append(made("h2", "Problems"), list);
  return card;
}

fetch("/openapi.json").then((answer) => answer.json()).then((said) => {
  const place = document.getElementById("routes");
  place.textContent = "";
  place.append(made("p", said.info.description || ""));
  for (const [path, methods] of Object.entries(said.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.responses) place.append(route(path, method, operation));
    }
  }
  place.append(problems(said["x-problems"]));
  // The addresses that problems name lead here, to what has just been made.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
