// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import "testing"

func TestHarmlessTextsStay(t *testing.T) {
	testHarmless(t, harmlessProse, harmlessNumbers, harmlessIDs, harmlessAddresses, harmlessErrors, harmlessTools, miscHarmless)
}
