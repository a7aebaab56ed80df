import { agenthandoff } from "./agenthandoff.js";
import { answerParent } from "./answer-parent.js";

await answerParent(agenthandoff("warm"));
