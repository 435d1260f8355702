// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package syslog

import "net"

// hungUp is for systems that can be asked.
func hungUp(net.Conn) bool { return false }
