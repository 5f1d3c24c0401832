/** Who answers a route: one service, several with a share each, or several together. */
import { error, type Path, type Remark, warning } from '../finding.ts';
import type { RouteConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

const ways = ['service', 'split', 'aggregate'] as const;

export const split: Check = ({ routes }) =>
  routes.flatMap((route, index) => {
    const path = ['routes', index];
    const given = ways.filter((way) => route[way] !== undefined);
    if (given.length === 0) return [error([...path, 'service'], 'is missing, and so are split and aggregate: nobody answers the route')];
    const others = given.slice(1).map((way) => error([...path, way], `excludes ${given[0]}: a route has one of them`, { atKey: true }));
    return [...others, ...shares(route, path)];
  });

function shares({ split: branches, splitOn, expose }: RouteConfig, path: Path): Remark[] {
  if (branches === undefined) {
    return splitOn === undefined ? [] : [error([...path, 'splitOn'], 'is for split', { atKey: true })];
  }
  const remarks: Remark[] = [];
  const weight = branches.reduce((sum, branch) => sum + branch.weight, 0);
  if (weight === 0) remarks.push(error([...path, 'split'], 'leaves most requests to nobody: every weight is 0'));
  const unconditional = branches.filter(({ match }) => match === undefined).map(({ service }) => service);
  branches.forEach((branch, at) => {
    if (
      branch.match === undefined &&
      unconditional.indexOf(branch.service) !== unconditional.lastIndexOf(branch.service) &&
      branches.findIndex(({ service }) => service === branch.service) !== at
    )
      remarks.push(warning([...path, 'split', at], `names ${branch.service} once more: its weights add up`));
    if (branch.weight === 0 && branch.match === undefined)
      remarks.push(warning([...path, 'split', at], `gets nothing: ${branch.service} has neither a weight nor a match`));
  });
  if (typeof splitOn === 'object' && 'claim' in splitOn && (expose.private !== undefined || expose.public?.access === 'anonymous'))
    remarks.push(warning([...path, 'splitOn'], 'goes by a claim, and not every request has one: without it each is drawn anew'));
  return remarks;
}
