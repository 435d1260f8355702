// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package viewer

import (
	"os/exec"
	"syscall"
)

const suffix = ".exe"

// detach keeps Ctrl-C in the terminal from the program: the agent ends it, after its last telemetry.
func detach(process *exec.Cmd) {
	process.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
