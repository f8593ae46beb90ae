package main

import (
	"errors"
	"net/url"
	"sync"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// readiness is what readyz of v1.7.0 answers: whether each list that the hub needs was read once. It never comes back,
// so a hub without an API stays ready.
type readiness struct {
	mu    sync.Mutex
	needs []need
}

// need is a list that must be read once.
type need struct{ path, missing string }

func newReadiness(opts *options) *readiness {
	const filters = "resources needed by filters are not synced"
	return &readiness{needs: []need{
		{settingsPath(opts), "yurt-hub-cfg configmap is not synced"},
		{"/apis/apps.openyurt.io/v1beta2/nodepools?labelSelector=" +
			url.QueryEscape("apps.openyurt.io/nodepool="+opts.nodePoolName), filters},
		{"/api/v1/services", filters},
	}}
}

// check returns what is missing, nil when all was read.
func (r *readiness) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.needs) > 0 {
		return errors.New(r.needs[0].missing)
	}
	return nil
}

// loop reads what is missing, with pauses that grow: a repair shows after 20 to 40 s.
func (r *readiness) loop(client *kubeapi.Client) {
	for pause := time.Second; r.check() != nil; time.Sleep(pause) {
		r.mu.Lock()
		needs := r.needs
		r.mu.Unlock()
		var left []need
		for _, n := range needs {
			if err := client.Get(n.path, nil); err != nil {
				logs.Errorf("%s: %v", n.path, err)
				left = append(left, n)
			}
		}
		r.mu.Lock()
		r.needs = left
		r.mu.Unlock()
		if pause *= 2; pause > 30*time.Second {
			pause = 30 * time.Second
		}
	}
}
