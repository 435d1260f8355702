// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package viewer

import (
	"os/exec"
	"syscall"
)

const suffix = ""

// detach keeps Ctrl-C in the terminal from the program: the agent ends it, after its last telemetry.
func detach(process *exec.Cmd) {
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
