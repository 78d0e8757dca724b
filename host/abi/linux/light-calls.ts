/** Light-weight calls of Linux/hppa (entry 0xb0 of the page at 0), by r20; the text is light-calls.s. */
import { numbers } from "../struct.ts";

export const LIGHT_CALL = numbers("", {
  LWS_CAS32: 0,
  LWS_CAS64: 1,
  LWS_CAS2: 2,
});
