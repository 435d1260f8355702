// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !windows

package threadid

// Current returns 0, which means that the ID is unknown.
func (Reader) Current() int { return 0 }

func fieldOffset() uintptr { return 0 }
