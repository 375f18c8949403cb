/* The signature of the pledge: what is drawn becomes whole numbers in a hidden field.

   Form: a list of strokes, each one flat list [x0, y0, x1, y1, ...]; the pad is 1000 wide, y counts downwards in the
   same unit. At most 4096 bytes as JSON: points that lie nearly on the line between their neighbours are dropped, with
   a tolerance that grows from 1 to 32, as the field app does. */
(function () {
  "use strict";
  const WIDTH = 1000, MOST_BYTES = 4096, TOLERANCES = [1, 2, 4, 8, 16, 32];
  const form = document.querySelector("[data-signing]");
  const box = form.querySelector("[data-pad]"), canvas = box.querySelector("canvas");
  const field = form.elements.strokes, clear = form.querySelector("[data-clear]"), full = form.querySelector("[data-full]");
  box.hidden = clear.hidden = false;
  const pad = new SignaturePad(canvas, { penColor: getComputedStyle(canvas).color, minWidth: 1, maxWidth: 2.5 });

  let width = 0, sent = field.value; // what was drawn before the form came back, until there is room to show it

  function fit() {
    if (!canvas.offsetWidth) return; // not laid out at this moment: what is drawn would shrink to nothing
    const ratio = Math.max(window.devicePixelRatio || 1, 1), drawn = pad.toData();
    const grown = width ? canvas.offsetWidth / width : 1;
    width = canvas.offsetWidth;
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    drawn.forEach((group) => group.points.forEach((point) => { point.x *= grown; point.y *= grown; }));
    pad.fromData(drawn);
    if (sent) restore(sent);
    sent = "";
  }

  function restore(text) {
    const unit = canvas.offsetWidth / WIDTH, ink = { penColor: pad.penColor, minWidth: pad.minWidth, maxWidth: pad.maxWidth };
    pad.fromData(JSON.parse(text).map((flat) => {
      const points = [];
      for (let i = 0; i + 1 < flat.length; i += 2) {
        points.push({ x: flat[i] * unit, y: flat[i + 1] * unit, pressure: 0.5, time: i * 8 });
      }
      return { ...ink, points };
    }));
  }

  function onPad(group) {
    const unit = WIDTH / canvas.offsetWidth, bottom = Math.round(canvas.offsetHeight * unit);
    const within = (low, number, high) => Math.min(Math.max(low, number), high);
    return group.points.map((p) => [within(0, Math.round(p.x * unit), WIDTH), within(0, Math.round(p.y * unit), bottom)]);
  }

  function distance([px, py], [ax, ay], [bx, by]) {
    const dx = bx - ax, dy = by - ay, length = Math.hypot(dx, dy);
    return length ? Math.abs(dx * (py - ay) - dy * (px - ax)) / length : Math.hypot(px - ax, py - ay);
  }

  function thinned(points, tolerance) {
    if (points.length < 3) return points;
    const first = points[0], last = points[points.length - 1];
    let far = 0, most = tolerance;
    for (let i = 1; i < points.length - 1; i += 1) {
      const gap = distance(points[i], first, last);
      if (gap > most) [far, most] = [i, gap];
    }
    if (!far) return [first, last];
    return thinned(points.slice(0, far + 1), tolerance).concat(thinned(points.slice(far), tolerance).slice(1));
  }

  function asJson(strokes) {
    for (const tolerance of TOLERANCES) {
      const text = JSON.stringify(strokes.map((points) => thinned(points, tolerance).flat()));
      if (text.length <= MOST_BYTES) return text;
    }
    return null;
  }

  function keep() {
    const drawn = pad.toData(), text = drawn.length ? asJson(drawn.map(onPad)) : "";
    full.hidden = text !== null;
    field.value = text === null ? "" : text;
  }

  pad.addEventListener("endStroke", keep);
  clear.addEventListener("click", () => { pad.clear(); keep(); });
  window.addEventListener("resize", fit);
  if (window.ResizeObserver) new ResizeObserver(fit).observe(canvas); // the sheets may come after this script
  fit();
}());
