"use strict";
// One sound at a time, and a line over its picture where it is.
const playheadOf = (audio) => audio.closest(".sound")?.querySelector(".playhead");
document.addEventListener("play", ({target}) => {
  for (const other of document.querySelectorAll("audio")) if (other !== target) other.pause();
  const playhead = playheadOf(target);
  const follow = () => {
    if (!playhead) return;
    playhead.style.visibility = "visible";
    playhead.style.left = `${100 * target.currentTime / (target.duration || 1)}%`;
    if (!target.paused) requestAnimationFrame(follow);
  };
  follow();
}, true);
