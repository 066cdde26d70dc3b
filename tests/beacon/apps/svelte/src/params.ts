import {defineParams} from '@sveltejs/kit/params';

export const params = defineParams({number: (value) => (/^\d+$/.test(value) ? Number(value) : undefined)});
