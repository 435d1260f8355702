// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import "os"

// disk holds the operations on which systems differ. Windows refuses to rename or
// remove a file while any process has it open, unless that process allowed it, which
// os.OpenFile does not. Tests replace the disk to run a rotation under these rules on
// any system.
type disk interface {
	open(path string, flag int, mode os.FileMode) (*os.File, error)
	rename(from, to string) error
	remove(path string) error
}

type realDisk struct{}

func (realDisk) open(path string, flag int, mode os.FileMode) (*os.File, error) {
	return os.OpenFile(path, flag, mode)
}
func (realDisk) rename(from, to string) error { return os.Rename(from, to) }
func (realDisk) remove(path string) error     { return os.Remove(path) }
