// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import "testing"

func TestInnocentTextsStay(t *testing.T) {
	testInnocents(t, innocentProse, innocentNumbers, innocentIDs, innocentAddresses, innocentErrors, innocentTools, innocentOddities)
}
