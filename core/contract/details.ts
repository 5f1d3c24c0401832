/** What is wrong with a value, in plain words, by the keyword of JSON Schema that it does not satisfy. */
export const details: Readonly<Record<string, string>> = {
  required: 'is required',
  dependentRequired: 'is required',
  additionalProperties: 'is not allowed',
  unevaluatedProperties: 'is not allowed',
  'false schema': 'is not allowed',
  enum: 'must be one of the allowed values',
  const: 'must be the allowed value',
  uniqueItems: 'must not have the same item twice',
  anyOf: 'must fit one of the schemas',
  oneOf: 'must fit exactly one of the schemas',
  not: 'must not fit the schema',
  propertyNames: 'has a name that is not allowed',
};
