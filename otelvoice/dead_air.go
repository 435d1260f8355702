// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import "time"

// WithDeadAir sets how long both sides may be silent. A longer silence is dead air: voice.dead_air.count and the
// attributes and metrics beside it. The default is 3 s, about twice a slow answer of an agent, so that an ordinary
// wait is none. [New] returns an error for a bound below 0 or above an hour.
func WithDeadAir(bound time.Duration) Option {
	return optionFunc(func(c config) config { c.deadAir = bound; return c })
}

// WithoutDeadAir disables dead air. The silence of a session is still measured.
func WithoutDeadAir() Option { return WithDeadAir(0) }
