// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	p := plan{rounds: 9, each: 20 * time.Millisecond}
	figs, err := p.measure(lineTo(func() io.Writer { return io.Discard }))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, f := range figs {
		fmt.Printf("%-40s %8v %.2f (%.2f–%.2f) %.1f allocs %.0f B\n", f.name, f.time, f.ratio, f.low, f.high, f.allocs, f.bytes)
	}
}
