// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package segment

import "golang.org/x/sys/unix"

// noFollow are flags for [os.OpenFile]: fail on a symbolic link, and do not wait for the
// other end of a pipe.
const noFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK
