// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package syslog

import "net"

// hungUp returns false: the system cannot report it.
func hungUp(net.Conn) bool { return false }
