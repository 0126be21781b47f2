// A page in a frame of its own origin, in which no script runs. Links open in another tab.
export default function (component) {
  const { data, parentElement: root } = component;
  const frame = root.querySelector("iframe");
  if (root.shown === data.page) return;
  root.shown = data.page;
  frame.title = data.title;
  frame.srcdoc = data.page;
}
