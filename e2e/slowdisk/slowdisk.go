// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package slowdisk mounts directories whose writes take long.
package slowdisk

import (
	"context"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Mount mounts a file system at a directory until the test ends. Each write to one of its files calls wait first,
// which may block. The test is skipped where file systems cannot be mounted.
func Mount(tb testing.TB, dir string, wait func()) {
	tb.Helper()
	behind, err := fs.NewLoopbackRoot(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	root := &node{LoopbackNode: behind.(*fs.LoopbackNode), wait: wait}
	server, err := fs.Mount(dir, root, &fs.Options{MountOptions: fuse.MountOptions{DirectMount: true, FsName: "slow"}})
	if err != nil {
		tb.Skipf("not run: cannot mount a file system here: %v", err)
	}
	tb.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			tb.Errorf("unmount: %v", err)
		}
	})
}

// node is a file or directory.
type node struct {
	*fs.LoopbackNode

	wait func()
}

var (
	_ fs.NodeWriter      = (*node)(nil)
	_ fs.NodeWrapChilder = (*node)(nil)
)

// WrapChild implements [fs.NodeWrapChilder].
func (n *node) WrapChild(_ context.Context, ops fs.InodeEmbedder) fs.InodeEmbedder {
	child, ok := ops.(*fs.LoopbackNode)
	if !ok {
		return ops
	}
	return &node{LoopbackNode: child, wait: n.wait}
}

// Write implements [fs.NodeWriter].
func (n *node) Write(ctx context.Context, f fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	n.wait()
	w, ok := f.(fs.FileWriter)
	if !ok {
		return 0, syscall.EBADF
	}
	return w.Write(ctx, data, off)
}
