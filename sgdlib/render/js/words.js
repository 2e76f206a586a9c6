// What the player says, in the words that come before all modules: "play" is "player.play" in the table of words. What
// stands in braces is filled in.
export const say = (id, values) => WORDS[id].replace(/{(\w+)}/g, (_, name) => values[name]);
