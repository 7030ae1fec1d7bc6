// Asks for a passphrase on its terminal, and says of what it got only how long it is; see test/terminal.
import { passphraseFromTerminal } from "../../dist/terminal/ask-passphrase.js";

const answer = await passphraseFromTerminal()?.("some-key", 1);
console.log(`got ${answer?.length}`);
