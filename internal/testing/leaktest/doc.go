// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package leaktest is the test corpus of redaction. Only tests import it. It contains secrets, printers that
// write a secret into a text as programs do, frames that nest a text in another one, and harmless texts that
// resemble secrets.
//
// A test prints each secret with each printer, passes the text to the code under test, and checks with
// [Secret.In] whether the result contains the secret. The tests of this package do so with a whole program:
// they put secrets and harmless texts into each attribute, name, header and body that telemetry records, and
// search all outputs.
//
// Every value is a documented test value or is generated from its name. None gives access to anything.
package leaktest
