/* Marking what to hide in a picture: each drag adds a rectangle, in pixels of the upright original, to the form's field.
   Without script the field is typed. */
(function () {
  "use strict";
  const form = document.querySelector("[data-hiding]"), frame = form.querySelector("[data-frame]");
  const image = frame.querySelector("img"), field = form.elements.rectangles;
  const undo = form.querySelector("[data-undo]"), clear = form.querySelector("[data-clear]");
  let rows = [], begun = null, drawn = null;

  function read() {
    try { rows = JSON.parse(field.value || "[]"); } catch { return false; }
    return Array.isArray(rows);
  }

  function place(mark, [left, top, right, bottom]) {
    mark.style.left = `${(100 * left) / image.naturalWidth}%`;
    mark.style.top = `${(100 * top) / image.naturalHeight}%`;
    mark.style.width = `${(100 * (right - left)) / image.naturalWidth}%`;
    mark.style.height = `${(100 * (bottom - top)) / image.naturalHeight}%`;
  }

  function mark(row) {
    const made = document.createElement("span");
    made.className = "hiding-mark";
    place(made, row);
    frame.append(made);
    return made;
  }

  function show() {
    frame.querySelectorAll(".hiding-mark").forEach((made) => made.remove());
    rows.forEach(mark);
    field.value = JSON.stringify(rows);
    undo.disabled = clear.disabled = rows.length === 0;
  }

  function at(event) {
    const box = image.getBoundingClientRect(), within = (number, most) => Math.min(Math.max(0, Math.round(number)), most);
    return [
      within(((event.clientX - box.left) / box.width) * image.naturalWidth, image.naturalWidth),
      within(((event.clientY - box.top) / box.height) * image.naturalHeight, image.naturalHeight),
    ];
  }

  function between([ax, ay], [bx, by]) {
    return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  }

  function start() {
    if (!read()) return;
    form.querySelector("[data-typed]").classList.add("visually-hidden");
    undo.hidden = clear.hidden = false;
    frame.classList.add("is-ready");
    show();
    frame.addEventListener("pointerdown", (event) => {
      begun = at(event);
      drawn = mark(between(begun, begun));
      frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => { if (begun) place(drawn, between(begun, at(event))); });
    frame.addEventListener("pointerup", (event) => {
      if (!begun) return;
      const row = between(begun, at(event));
      begun = null;
      if (row[2] - row[0] > 4 && row[3] - row[1] > 4) rows.push(row);
      show();
    });
    frame.addEventListener("pointercancel", () => { begun = null; show(); });
    undo.addEventListener("click", () => { rows.pop(); show(); });
    clear.addEventListener("click", () => { rows = []; show(); });
  }

  if (image.complete && image.naturalWidth) start();
  else image.addEventListener("load", start);
}());
