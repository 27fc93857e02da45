// What textual-serve's page lacks: where its line leads, why it ended, the clipboard without https, the keyboard.
"use strict";
(() => {
  const RETRY = 3000; // milliseconds between two looks whether the server is there again
  let ended = false;

  // Without https a page has no clipboard, and a browser may refuse it; the terminal must not stumble over either.
  // What the visitor has in the clipboard is not the program's to read.
  const native = navigator.clipboard;
  const copy = (text) => {
    const area = document.createElement("textarea");
    const before = document.activeElement;
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    if (before) before.focus();
  };
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: {
      readText: async () => "",
      writeText: async (text) => {
        try {
          await native.writeText(text);
        } catch {
          copy(text);
        }
      },
    },
  });

  const comeBack = async () => {
    try {
      const answer = await fetch("alive", { cache: "no-store" });
      if (answer.ok) {
        location.reload();
        return;
      }
    } catch {
      // not yet
    }
    setTimeout(comeBack, RETRY);
  };

  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      let open = false;
      this.addEventListener("open", () => (open = true));
      this.addEventListener("message", (event) => {
        if (typeof event.data !== "string") return;
        const [kind, reason] = JSON.parse(event.data);
        if (kind === "ended") {
          ended = true;
          document.getElementById("reason").textContent = reason;
        }
      });
      this.addEventListener("close", () => {
        document.getElementById("again").focus();
        if (ended) return;
        const { lost, refused } = document.body.dataset;
        document.getElementById("reason").textContent = open ? lost : refused;
        if (open) setTimeout(comeBack, RETRY);
      });
      addEventListener("pagehide", () => this.close());
    }
    send(data) {
      if (this.readyState === Plain.OPEN) super.send(data);
    }
  };

  addEventListener("pageshow", (event) => event.persisted && location.reload());

  document.addEventListener("DOMContentLoaded", () => {
    const lesson = document.body.dataset.lesson.split("/").map(encodeURIComponent).join("/");
    const line = new URL("ws/" + lesson, document.baseURI);
    line.protocol = line.protocol.replace("http", "ws");
    const terminal = document.getElementById("terminal");
    terminal.dataset.sessionWebsocketUrl = line.href;
    document.getElementById("again").addEventListener("click", () => location.reload());
    new MutationObserver((_, observer) => {
      const keyboard = terminal.querySelector(".xterm-helper-textarea");
      if (keyboard && document.body.classList.contains("-first-byte")) {
        observer.disconnect();
        keyboard.focus();
      }
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });
})();
