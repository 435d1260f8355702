// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errGone = errors.New("gone")

// variables replaces the process environment with the given pairs.
func variables(pairs ...string) voicesdk.Option {
	env := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}
