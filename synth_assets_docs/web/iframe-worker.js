// Browsers refuse workers of pages that are opened from disk. There, a hidden frame runs the
// script of the search instead, and answers by messages as a worker does.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(url) {
      const script = new URL(url, location.href).href;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc =
        "<script>self.postMessage = data => parent.postMessage(data, '*')<\/script>" +
        `<script src="${script}"><\/script>`;
      this.loaded = new Promise((done) => this.frame.addEventListener("load", done));
      window.addEventListener("message", (event) => {
        if (event.source === this.frame.contentWindow) this.onmessage?.(event);
      });
      document.documentElement.append(this.frame);
    }

    postMessage(data) {
      this.loaded.then(() => window.postMessage.call(this.frame.contentWindow, data, "*"));
    }
  };
}
