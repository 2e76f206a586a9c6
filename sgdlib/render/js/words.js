// The words that the player writes, by id; what stands in braces is filled in.
const WORDS = {
  "player.play": "Play",
  "player.pause": "Pause",
  "player.restart": "Restart",
  "player.back": "One step back",
  "player.forward": "One step forward",
  "player.speed": "Speed",
  "player.slider": "Step",
  "player.slider.row": "Step, {row}",
  "player.bar": "Playback: {title}",
  "player.step": "step {step}",
  "player.playing": "playing",
  "player.picture": "Only a picture of this figure: {why}.",
  "player.nothing": "This figure cannot be shown: {why}.",
  "player.damaged": "its data are damaged or could not be read",
  "player.file": "a page that is opened from a file may not read its data",
  "player.fetch": "its data could not be fetched",
  "player.missing": "its data are missing ({status})",
  "player.format": "its data are of the format “{given}”, not “{allowed}”",
  "player.column": "there is no column “{name}”; there are: {names}",
  "player.length": "the length of column “{name}” is {given}, not {allowed}",
  "player.style": "its style sheet is missing, or is not what sgdlib.web.stylesheet() returns",
};

export const say = (id, values) => WORDS[id].replace(/{(\w+)}/g, (_, name) => values[name]);
