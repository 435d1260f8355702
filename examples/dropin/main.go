// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {}

// build builds an agent of this module.
func build(ctx context.Context, dir, agent string) (binary string, err error) {
	binary = filepath.Join(dir, strings.ReplaceAll(agent, "/", "-"))
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./"+agent).CombinedOutput() // #nosec G204 -- a constant
	if err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", agent, err, out)
	}
	return binary, nil
}
