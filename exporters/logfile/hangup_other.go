// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package logfile

// ReopenOnHangup does nothing: there is no such signal here.
func (f *File) ReopenOnHangup() {}

func (f *File) stopSignals() {}
