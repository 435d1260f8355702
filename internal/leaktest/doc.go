// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package leaktest is test support and is imported by tests only. It holds
// secrets, the printers that write a secret into a text, and innocent texts that
// only look like secrets.
//
// A test plants each secret with each printer, gives the text to the code under
// test, and asks [Secret.In] whether the result still holds the secret.
//
// Every value is a documented test value or is generated from its name. None of
// them opens anything.
package leaktest
