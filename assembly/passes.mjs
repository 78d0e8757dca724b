/**
 * What the optimiser does with the core, in place of the compiler's own list: an `asc` transform.
 *
 * The run loop is one function with hundreds of cases, and asc's list spends 20 s on it, nearly all of
 * it in passes that make locals and then merge them again. This list takes 3 s and gives 98 % of the
 * speed; it is the one that release and test builds share. Used with -O0, so nothing runs after it.
 */
import binaryen from "binaryen";

const SIMPLIFY = ["simplify-locals", "vacuum", "reorder-locals"];
const TIDY = ["remove-unused-brs", "remove-unused-names", "merge-blocks"];

const PASSES = [
  "remove-unused-module-elements",
  "inlining",
  "simplify-locals-nostructure",
  "vacuum",
  "precompute-propagate",
  "optimize-instructions",
  "dce",
  ...TIDY,
  ...SIMPLIFY,
  "coalesce-locals",
  ...SIMPLIFY,
  ...TIDY,
  "optimize-instructions",
  "remove-unused-module-elements",
];

export default class {
  afterCompile(module) {
    binaryen.setOptimizeLevel(3);
    binaryen.setShrinkLevel(0);
    binaryen.setFastMath(false);
    binaryen.setAlwaysInlineMaxSize(12);
    binaryen.setFlexibleInlineMaxSize(70);
    binaryen.setOneCallerInlineMaxSize(200);
    binaryen.setAllowInliningFunctionsWithLoops(true);
    module.runPasses(PASSES);
  }
}
