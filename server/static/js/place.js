/* Giving the place of a scan: when the button is pressed the browser is asked, what it says is rounded to a hundredth of
   a degree (about 1 km), and only that leaves the phone. A fix poorer than 1.5 km says nothing and is not sent. */
(function () {
  "use strict";
  const FIT_M = 1500, DIGITS = 2;
  const form = document.querySelector("[data-place]");
  if (!form || !navigator.geolocation || !window.isSecureContext) return;
  const refused = form.querySelector("[data-refused]"), button = form.querySelector("button");

  function refuse() {
    refused.hidden = false;
    button.disabled = false;
  }

  function send({ coords }) {
    if (!(coords.accuracy <= FIT_M)) return refuse();
    form.elements.latitude.value = coords.latitude.toFixed(DIGITS);
    form.elements.longitude.value = coords.longitude.toFixed(DIGITS);
    return form.submit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    refused.hidden = true;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(send, refuse, { timeout: 15000, maximumAge: 60000 });
  });
  form.hidden = false;
}());
