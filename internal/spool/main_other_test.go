// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package spool

import "testing"

func TestMain(m *testing.M) { verify(m) }
