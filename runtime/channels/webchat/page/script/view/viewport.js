// A phone's keyboard takes its place from the page. Most browsers make the page shorter, as `interactive-widget` asks
// them to; one only moves it up, behind the top of the screen. There the page makes itself shorter.

/** Keeps the page exactly as high as what can be seen of it. */
export function fitToKeyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => {
    const { style } = document.documentElement;
    const covered = window.innerHeight - seen.height;
    // Somebody who zoomed in sees a part of the page, not a shorter one.
    if (seen.scale > 1.01 || covered < 1) style.removeProperty("--height");
    else {
      style.setProperty("--height", `${seen.height}px`);
      window.scrollTo(0, 0);
    }
  };
  seen.addEventListener("resize", fit);
  seen.addEventListener("scroll", fit);
}
