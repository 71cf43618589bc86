declare const brand: unique symbol;

type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Identifier of a customer's isolated data, for example 100000. */
export type TenantId = Branded<'TenantId'>;
/** Identifier of a device within a tenant, for example 000001. */
export type DeviceId = Branded<'DeviceId'>;

export const tenantId = (text: string): TenantId => text as TenantId;
export const deviceId = (text: string): DeviceId => text as DeviceId;
