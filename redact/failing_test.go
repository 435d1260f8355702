// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import "testing"

// Not yet.

func TestFailingSecrets(t *testing.T) { testSecrets(t, failingSecrets) }

func TestFailingInnocents(t *testing.T) { testInnocents(t, failingInnocents) }
