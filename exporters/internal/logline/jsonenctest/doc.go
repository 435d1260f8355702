// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsonenctest checks JSON more strictly than encoding/json reads it, and
// makes attribute values of fuzzed bytes.
package jsonenctest
