// Package leader holds a leader Lease, as client-go does.
package leader

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const (
	leasesPath = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
	microTime  = "2006-01-02T15:04:05.000000Z07:00"
)

// Settings are the flags of a leader election.
type Settings struct {
	// Lease is its name, in kube-system.
	Lease                     string
	Enabled                   bool
	Duration, Deadline, Retry time.Duration
}

// Elector holds the Lease. Another holder's Lease is judged by this machine's clock: it has run out when it did not
// change for its duration.
type Elector struct {
	client   *kubeapi.Client
	settings Settings
	identity string
	seen     string
	seenAt   time.Time
}

// New returns an elector under a name of this process's own.
func New(client *kubeapi.Client, settings Settings) *Elector {
	host, _ := os.Hostname()
	suffix := make([]byte, 8)
	rand.Read(suffix)
	impatient := *client
	impatient.HTTP = &http.Client{Transport: client.HTTP.Transport, Timeout: settings.Deadline / 2}
	return &Elector{client: &impatient, settings: settings, identity: fmt.Sprintf("%s_%x", host, suffix)}
}

// Acquire blocks until this process is the leader.
func (e *Elector) Acquire() {
	if !e.settings.Enabled {
		return
	}
	for ; ; time.Sleep(e.settings.Retry) {
		if err := e.try(time.Now()); err != nil {
			logs.V(2, "not the leader: %v", err)
			continue
		}
		logs.Infof("became the leader as %s", e.identity)
		return
	}
}

// Keep renews, and ends the process when that failed for the renew deadline.
func (e *Elector) Keep() {
	if !e.settings.Enabled {
		return
	}
	for renewed := time.Now(); ; time.Sleep(e.settings.Retry) {
		if err := e.try(time.Now()); err == nil {
			renewed = time.Now()
		} else if time.Since(renewed) > e.settings.Deadline {
			logs.Fatalf("lost the leadership: %v", err)
		}
	}
}

func (e *Elector) try(now time.Time) error {
	var lease kubeapi.Object
	err := e.client.Get(leasesPath+"/"+e.settings.Lease, &lease)
	if kubeapi.HasCode(err, http.StatusNotFound) {
		lease = kubeapi.Object{
			"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
			"metadata": kubeapi.Object{"name": e.settings.Lease, "namespace": "kube-system"},
		}
		return e.client.Do(http.MethodPost, leasesPath, "", e.claim(lease, now), nil)
	}
	if err != nil {
		return err
	}
	holder, renewed := kubeapi.Text(lease, "spec", "holderIdentity"), kubeapi.Text(lease, "spec", "renewTime")
	if mark := holder + renewed; mark != e.seen {
		e.seen, e.seenAt = mark, now
	}
	if holder != "" && holder != e.identity && now.Before(e.seenAt.Add(e.settings.Duration)) {
		return fmt.Errorf("held by %s", holder)
	}
	return e.client.Do(http.MethodPut, leasesPath+"/"+e.settings.Lease, "", e.claim(lease, now), nil)
}

// claim returns the lease held and renewed by this process.
func (e *Elector) claim(lease kubeapi.Object, now time.Time) kubeapi.Object {
	spec, stamp := kubeapi.Map(lease, "spec"), now.UTC().Format(microTime)
	if spec["holderIdentity"] != e.identity {
		transitions, held := spec["leaseTransitions"].(float64)
		if held || spec["holderIdentity"] != nil {
			transitions++
		}
		spec["leaseTransitions"], spec["acquireTime"] = transitions, stamp
	}
	spec["holderIdentity"], spec["renewTime"] = e.identity, stamp
	spec["leaseDurationSeconds"] = int(e.settings.Duration.Seconds())
	return lease
}
