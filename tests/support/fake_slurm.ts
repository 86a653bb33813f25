/**
 * A Slurm cluster of one machine, as programs for a folder that comes first on PATH. `sbatch` runs every job of the
 * array at once; the file `never` keeps jobs from starting, `dies` makes them end before they begin. `scontrol requeue`
 * runs a job again. Nothing is shared with real Slurm but the words on the command lines.
 */
export const FAKE_SLURM: Readonly<Record<string, string>> = {
  "bin/sbatch": `#!/bin/bash
here=$(dirname "$0")/..
echo "$@" >> $here/sbatch.log
cp "$1" $here/script.sh
for place in $(grep -oP '(?<=--array=)\\d+-\\d+' "$1" | sed 's/-/ /' | xargs -r seq); do places="$places $place"; done
for place in \${places:-none}; do
  if [ $place = none ]; then $here/bin/state 77 PENDING; else $here/bin/state 77_$place PENDING; fi
done
( sleep 0.2; for place in \${places:-none}; do $here/bin/start $place & done ) >/dev/null 2>&1 &
echo "Submitted batch job 77"
`,
  // Whole at every moment: it is read while it changes.
  "bin/state": `#!/bin/bash
here=$(dirname "$0")/..
echo $2 > $here/next_$1_$$
mv $here/next_$1_$$ $here/state_$1
`,
  "bin/start": `#!/bin/bash
here=$(dirname "$0")/..
[ -e $here/never ] && exit
export SLURM_JOB_ID=9$1
if [ $1 = none ]; then export SLURM_JOB_ID=77; id=77
else export SLURM_ARRAY_JOB_ID=77 SLURM_ARRAY_TASK_ID=$1; id=77_$1; fi
$here/bin/state $id RUNNING
bash $here/script.sh
[ -e $here/state_$id ] && grep -q RUNNING $here/state_$id && $here/bin/state $id COMPLETED
`,
  "bin/srun": `#!/bin/bash
here=$(dirname "$0")/..
id=\${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}\${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}
fill() { echo "$1" | sed "s/%A/$SLURM_ARRAY_JOB_ID/g; s/%a/$SLURM_ARRAY_TASK_ID/g; s/%j/$SLURM_JOB_ID/g; s/%t/$2/g"; }
echo "$@" >> $here/srun.log
while true; do
  case "$1" in
    --unbuffered) shift ;;
    --output) out=$2; shift 2 ;;
    --error) err=$2; shift 2 ;;
    -v) shift ;;
    *) break ;;
  esac
done
if [ -e $here/dies ]; then
  echo "slurmstepd: out of memory" >> "$(fill "$err" 0)"
  $here/bin/state $id OUT_OF_MEMORY
  exit 1
fi
export SLURM_PROCID
tasks=$(grep -oP '(?<=--ntasks-per-node=)\\d+' $here/script.sh)
for SLURM_PROCID in $(seq 0 $((tasks - 1))); do
  "$@" >> "$(fill "$out" $SLURM_PROCID)" 2>> "$(fill "\${err:-$out}" $SLURM_PROCID)" &
  [ $SLURM_PROCID = 0 ] && echo $! > $here/process_$id
done
wait
`,
  "bin/sacct": `#!/bin/bash
here=$(dirname "$0")/..
echo "$@" >> $here/sacct.log
[ -e $here/accounts_off ] && { echo "Slurm accounting storage is disabled" >&2; exit 1; }
echo "JobID|State|NodeList"
for file in $here/state_*; do
  [ -e "$file" ] || continue
  id=\${file##*state_}
  echo "$id|$(cat $file)|n1"
  echo "$id.batch|$(cat $file)|n1"
done
`,
  "bin/squeue": `#!/bin/bash
here=$(dirname "$0")/..
found=1
for file in $here/state_*; do
  [ -e "$file" ] || continue
  grep -qE 'PENDING|RUNNING|REQUEUED' $file && { echo "\${file##*state_}|$(cat $file)"; found=0; }
done
[ $found = 1 ] && { echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1; }
exit 0
`,
  "bin/scontrol": `#!/bin/bash
here=$(dirname "$0")/..
echo "$@" >> $here/scontrol.log
$here/bin/state $2 REQUEUED
place=\${2#77}; place=\${place#_}
( sleep 0.3; $here/bin/start \${place:-none} ) >/dev/null 2>&1 &
`,
};
