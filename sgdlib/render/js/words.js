// The words that the player writes, by id; what stands in braces is filled in. WORDS comes before all modules.
export const say = (id, values) => WORDS[id].replace(/{(\w+)}/g, (_, name) => values[name]);
