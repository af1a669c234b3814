// The map: the server counts and draws the clusters' numbers, this only shows them.
(() => {
  const place = document.getElementById("map");
  if (!place || !window.L) return;
  const { src, box, tiles, attribution, attributionUrl, outline, closer } = place.dataset;
  const [west, south, east, north] = box.split(",").map(Number);
  place.replaceChildren();
  place.classList.add("alive");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, {
    zoomControl: false,
    maxZoom: 19,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
  }).fitBounds([[south, west], [north, east]]);
  L.control.zoom({ zoomInTitle: place.dataset.in, zoomOutTitle: place.dataset.out }).addTo(map);
  map.attributionControl.setPrefix("");
  // Where no tile comes, the commune stands out of what is around it.
  let drawn = false;
  let land = null;
  if (tiles) {
    const link = document.createElement("a");
    link.href = attributionUrl;
    link.textContent = attribution;
    L.tileLayer(tiles, { maxZoom: 19, attribution: link.outerHTML })
      .once("tileload", () => (drawn = true) && land?.setStyle({ fill: false }))
      .addTo(map);
  }
  const style = getComputedStyle(place);
  if (outline) {
    fetch(outline)
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((border) => {
        if (!border) return;
        const fillColor = style.getPropertyValue("--paper");
        const color = style.getPropertyValue("--lagoon");
        land = L.geoJSON(border, {
          interactive: false,
          style: { color, weight: 3, fill: !drawn, fillColor, fillOpacity: 1 },
        }).addTo(map);
      })
      .catch(() => {});
  }

  const things = L.layerGroup().addTo(map);
  let asked = null;
  let opened = null;

  const words = (name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  };

  const marker = (where, properties) => {
    const found = L.marker(where, {
      alt: `${properties.name} · ${properties.kind_name}`,
      title: properties.name,
      icon: L.divIcon({ className: `pin ${properties.kind}`, iconSize: [26, 26] }),
    });
    const told = document.createElement("div");
    const link = words("a", properties.name);
    link.href = properties.url;
    const about = [properties.kind_name, properties.commune].filter(Boolean).join(" · ");
    told.append(link, words("small", about), words("p", properties.told));
    // With the keyboard one is led into what opens; Escape leads back.
    return found.bindPopup(told, { minWidth: 180 }).on("keypress", (event) => {
      if (event.originalEvent.key !== "Enter") return;
      opened = found;
      link.focus();
    });
  };

  const cluster = (where, { count, about }) => {
    const size = 30 + Math.min(30, Math.log2(count) * 4);
    const told = about ? `≈${count}` : count;
    const found = L.marker(where, {
      alt: closer.replace("{n}", told),
      icon: L.divIcon({ className: "cluster", html: words("b", told).outerHTML, iconSize: [size, size] }),
    });
    const come = () => map.setView(where, Math.min(map.getZoom() + 2, 19));
    return found.on("click", come).on("keypress", (event) => {
      if (event.originalEvent.key === "Enter") come();
    });
  };

  const show = async () => {
    asked?.abort();
    asked = new AbortController();
    const { _southWest: low, _northEast: high } = map.getBounds().pad(0.05);
    const query = new URLSearchParams(src.split("?")[1]);
    query.set("bbox", [low.lng, low.lat, high.lng, high.lat].map((each) => each.toFixed(5)));
    query.set("zoom", map.getZoom());
    try {
      const answer = await fetch(`${src.split("?")[0]}?${query}`, { signal: asked.signal });
      if (!answer.ok) return;
      const { features } = await answer.json();
      const open = place.querySelector(".leaflet-popup");
      if (open) return;
      const held = place.contains(document.activeElement) ? document.activeElement.title : "";
      things.clearLayers();
      for (const { geometry, properties } of features) {
        const where = [geometry.coordinates[1], geometry.coordinates[0]];
        things.addLayer("count" in properties ? cluster(where, properties) : marker(where, properties));
      }
      if (held) [...place.querySelectorAll(".pin")].find((each) => each.title === held)?.focus();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  place.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !place.querySelector(".leaflet-popup")) return;
    map.closePopup();
    opened?.getElement()?.focus();
  });
  map.on("moveend", show).on("popupclose", show);
  show();
})();
