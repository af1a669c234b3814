// The small map of one place; where a form asks for it, a point is chosen on it.
(() => {
  const place = document.getElementById("map");
  if (!place || !window.L) return;
  const { box, here, tiles, attribution, attributionUrl, outline, pick } = place.dataset;
  const [west, south, east, north] = box.split(",").map(Number);
  place.classList.add("alive");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, {
    zoomControl: false,
    maxZoom: 19,
    scrollWheelZoom: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
  }).fitBounds([[south, west], [north, east]]);
  L.control.zoom({ zoomInTitle: place.dataset.in, zoomOutTitle: place.dataset.out }).addTo(map);
  map.attributionControl.setPrefix("");
  if (tiles) {
    const link = document.createElement("a");
    link.href = attributionUrl;
    link.textContent = attribution;
    L.tileLayer(tiles, { maxZoom: 19, attribution: link.outerHTML }).addTo(map);
  }
  if (outline) {
    const color = getComputedStyle(place).getPropertyValue("--lagoon");
    fetch(outline)
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((border) => border && L.geoJSON(border, { interactive: false, style: { color, weight: 2, fill: false } }).addTo(map))
      .catch(() => {});
  }
  const choosing = pick !== undefined;
  const latitude = document.getElementById("latitude");
  const longitude = document.getElementById("longitude");
  const icon = L.divIcon({ className: "pin chosen", iconSize: [30, 30] });
  let mark = null;
  const put = (where) => {
    if (!mark) {
      mark = L.marker(where, { icon, draggable: choosing, keyboard: choosing, title: pick ?? "", alt: "" }).addTo(map);
      mark.on("dragend", () => tell(mark.getLatLng()));
    }
    mark.setLatLng(where);
  };
  const tell = ({ lat, lng }) => {
    latitude.value = lat.toFixed(6);
    longitude.value = lng.toFixed(6);
  };
  const typed = () => {
    const where = [Number(latitude.value), Number(longitude.value)];
    return latitude.value && longitude.value && where.every(Number.isFinite) ? where : null;
  };
  if (here) put(here.split(",").map(Number));
  if (!choosing) return;
  document.querySelector(".with-map").hidden = false;
  if (typed()) {
    put(typed());
    map.setView(typed(), 16);
  }
  map.on("click", ({ latlng }) => {
    put(latlng);
    tell(latlng);
  });
  for (const field of [latitude, longitude]) {
    field.addEventListener("change", () => typed() && put(typed()));
  }
})();
