// Sends what a form on the page holds, and shows the answer with its images. It knows no field by name: how a control is
// read and where its value travels stands beside the control. The key is read from its field for each request and kept
// nowhere.
"use strict";

const CUT = 120;
const KINDS = { iVBORw0KGgo: "image/png", "/9j/": "image/jpeg", UklGR: "image/webp", R0lGOD: "image/gif" };
const SIDE = 256;

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
for (const button of document.querySelectorAll("button[data-draws]")) {
  button.hidden = false;
  button.addEventListener("click", () => draw(document.getElementById(button.dataset.draws)));
}

// Only a page of this machine or one under https may write to the clipboard.
for (const pre of navigator.clipboard ? document.querySelectorAll("pre") : []) {
  const button = made("button", "Copy", "copy");
  const text = pre.textContent;
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
  });
  pre.prepend(button);
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  const result = form.querySelector(".result");
  button.disabled = true;
  result.replaceChildren(made("p", "Sent, waiting for the answer …", "note"));
  try {
    const { url, options } = request(form);
    const start = performance.now();
    const answer = await fetch(url, options);
    const text = await answer.text();
    result.replaceChildren(...shown(answer, text, performance.now() - start));
  } catch (error) {
    result.replaceChildren(made("p", `No answer: ${error.message}`, "status refused"));
  } finally {
    button.disabled = false;
  }
}

// Returns the URL and the options of the request that a form holds; what is empty is left out.
function request(form) {
  const { method, address, path, type } = form.dataset;
  const fields = {};
  const body = new FormData();
  let url = address + path;
  const query = new URLSearchParams();
  for (const control of form.querySelectorAll("[data-name]")) {
    const { name, reads, where } = control.dataset;
    for (const value of control.type === "file" ? control.files : control.value === "" ? [] : [control.value]) {
      if (where === "form") body.append(control.multiple && control.files.length > 1 ? `${name}[]` : name, value);
      else if (where === "query") query.append(name, value);
      else if (where === "path") url = url.replace(`{${name}}`, encodeURIComponent(value));
      else fields[name] = reads === "json" ? parsed(value) : value;
    }
  }
  const headers = {};
  const key = form.querySelector("[data-credential]");
  if (key && key.value) headers.Authorization = `Bearer ${key.value}`;
  if (String(query)) url += `?${query}`;
  const options = { method, headers, redirect: "follow", credentials: "omit" };
  if (type === "multipart/form-data") options.body = body;
  else if (type) {
    headers["Content-Type"] = type;
    options.body = JSON.stringify(fields);
  }
  return { url, options };
}

// Reads a text as JSON; what is none is sent as the text that it is.
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function shown(answer, text, milliseconds) {
  const status = `${answer.status} ${answer.statusText}, ${Math.round(milliseconds)} ms`;
  const value = parsed(text);
  const pre = made("pre");
  pre.tabIndex = 0;
  pre.append(made("code", typeof value === "string" ? text : JSON.stringify(value, cut, 2)));
  const images = [...sources(value)];
  const figures = images.map((source, index) => figure(source, `Image ${index + 1} of ${images.length}`));
  const list = made("div", "", "images");
  list.append(...figures);
  return [made("p", status, answer.ok ? "status" : "status refused"), pre, ...(figures.length ? [list] : [])];
}

function cut(_, value) {
  return typeof value === "string" && value.length > CUT * 2
    ? `${value.slice(0, CUT)}… (${value.length.toLocaleString("en")} characters)`
    : value;
}

// Yields the address of each image that an answer holds: a URL of this very server, or base64 that begins like one.
function* sources(value) {
  if (typeof value === "string") {
    const kind = Object.keys(KINDS).find((start) => value.startsWith(start));
    if (kind && value.length > CUT) yield `data:${KINDS[kind]};base64,${value}`;
    else if (value.startsWith(`${location.origin}/`)) yield value;
  } else if (value && typeof value === "object") {
    for (const member of Object.values(value)) yield* sources(member);
  }
}

function figure(source, name) {
  const whole = made("figure");
  const image = made("img");
  const caption = made("figcaption", name);
  image.alt = name;
  image.addEventListener("load", () => {
    caption.textContent = `${name}, ${image.naturalWidth}x${image.naturalHeight}`;
  });
  image.addEventListener("error", () => {
    caption.textContent = `${name} can't be shown`;
  });
  image.src = source;
  whole.append(image, caption);
  return whole;
}

// Gives a file control a small square image with a transparent middle, so that something can be sent at once.
function draw(control) {
  const canvas = made("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  const colours = context.createLinearGradient(0, 0, SIDE, SIDE);
  colours.addColorStop(0, "#2f6f8f");
  colours.addColorStop(1, "#e8b86d");
  context.fillStyle = colours;
  context.fillRect(0, 0, SIDE, SIDE);
  context.clearRect(SIDE / 4, SIDE / 4, SIDE / 2, SIDE / 2);
  canvas.toBlob((content) => {
    const files = new DataTransfer();
    files.items.add(new File([content], "drawn.png", { type: "image/png" }));
    control.files = files.files;
  }, "image/png");
}

function made(tag, text = "", kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}
