// An editor of SQL that offers the names a party may use. Names are set as text, never as HTML.
const MOST = 12;
const WORD = /[`\w.-]*$/;

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  const area = root.querySelector("#sql");
  const list = root.querySelector("#offer");
  root.querySelector("#name").textContent = data.label;
  root.words = data.words;
  if (root.given !== data.sql) {
    root.given = data.sql;
    area.value = data.sql;
  }
  if (root.ready) return;
  root.ready = true;

  const word = () => area.value.slice(0, area.selectionStart).match(WORD)[0];

  function close() {
    list.hidden = true;
    list.replaceChildren();
    area.setAttribute("aria-expanded", "false");
  }

  function take(name) {
    const end = area.selectionStart;
    const start = end - word().length;
    area.setRangeText(name, start, end, "end");
    close();
    area.focus();
  }

  function matches(typed) {
    const wanted = typed.replaceAll("`", "").toLowerCase();
    if (wanted.length < 2 && !typed.startsWith("`")) return [];
    const found = root.words.filter(([name]) => {
      const plain = name.replaceAll("`", "").toLowerCase();
      return plain !== wanted && plain.includes(wanted);
    });
    const begins = ([name]) => !name.replaceAll("`", "").toLowerCase().startsWith(wanted);
    return found.sort((a, b) => begins(a) - begins(b)).slice(0, MOST);
  }

  function place() {
    const lines = area.value.slice(0, area.selectionStart).split("\n");
    const style = getComputedStyle(area);
    const height = parseFloat(style.lineHeight);
    const top = lines.length * height + parseFloat(style.paddingTop) - area.scrollTop + 2;
    list.style.top = `${Math.min(top, area.clientHeight)}px`;
    list.style.left = `${Math.min(lines.at(-1).length * 7.2, area.clientWidth / 2)}px`;
  }

  function offer() {
    const found = matches(word());
    if (!found.length) return close();
    list.replaceChildren(
      ...found.map(([name, what], index) => {
        const item = document.createElement("li");
        const note = document.createElement("small");
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(index === 0));
        item.dataset.name = name;
        note.textContent = what;
        item.append(name, note);
        item.onmousedown = (event) => {
          event.preventDefault();
          take(name);
        };
        return item;
      }),
    );
    list.hidden = false;
    area.setAttribute("aria-expanded", "true");
    place();
  }

  function move(step) {
    const items = [...list.children];
    const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const next = (now + step + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === next)));
    items[next].scrollIntoView({ block: "nearest" });
  }

  const run = () => {
    root.given = area.value;
    setTriggerValue("run", area.value);
  };

  area.oninput = offer;
  area.onblur = close;
  area.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return run();
    }
    if (list.hidden) return;
    const actions = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Escape: close,
      Tab: () => take(list.querySelector('[aria-selected="true"]').dataset.name),
      Enter: () => take(list.querySelector('[aria-selected="true"]').dataset.name),
    };
    if (event.key in actions) {
      event.preventDefault();
      actions[event.key]();
    }
  };
  root.querySelector("#run").onclick = run;
}
