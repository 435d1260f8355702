// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram_test

import (
	"testing"

	"go.uber.org/goleak"
)

// klog, the SDK's logger, has a goroutine of its own.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("k8s.io/klog/v2.(*flushDaemon).run.func1"))
}
